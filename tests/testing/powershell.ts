/**
 * PowerShell as a grammar reads it: PowerShell itself is on few machines.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";

/** What the grammar finds in a text. */
export interface PowerShellText {
  /** Whether all of it is PowerShell. */
  readonly isCorrect: boolean;
  /** The texts between single quotes, as PowerShell passes them on. */
  readonly literals: readonly string[];
}

/** Reads texts; disposing it frees the grammar. */
export class PowerShellReader implements Disposable {
  readonly #parser: Parser;

  private constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** Loads the grammar. */
  static async load(): Promise<PowerShellReader> {
    await Parser.init();
    const grammar = fileURLToPath(
      import.meta.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm"),
    );
    const parser = new Parser();
    parser.setLanguage(await Language.load(grammar));
    return new PowerShellReader(parser);
  }

  read(text: string): PowerShellText {
    const tree = this.#parser.parse(text);
    if (tree === null) throw new Error("The grammar is not loaded");
    const { rootNode } = tree;
    const literals = rootNode
      .descendantsOfType("verbatim_string_characters")
      .map((node) =>
        (node?.text ?? "").slice(1, -1).replaceAll(
          /(['\u2018-\u201b])\1/g,
          "$1",
        )
      );
    const isCorrect = !rootNode.hasError;
    tree.delete();
    return { isCorrect, literals };
  }

  [Symbol.dispose](): void {
    this.#parser.delete();
  }
}

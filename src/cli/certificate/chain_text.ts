// The certificates of a server as a text for people.
import { visible } from "../../log/visible.ts";
import { type Chain, fingerprintsOf } from "../../net/tls/certificate_pins.ts";

/** The most of a name in a certificate that is shown, in characters: the server writes it. */
const MAX_SHOWN = 200;

/** Each certificate with names, dates and fingerprints, the server's own first. */
export function chainText(chain: Chain): string {
  return chain.map((each, at) => {
    const { certificate, publicKey } = fingerprintsOf(each);
    const names = each.subjectAltName ?? "";
    return [
      at === 0 ? "Certificate of the server" : "Signed by",
      `  subject      ${nameOf(each.subject)}`,
      `  issuer       ${nameOf(each.issuer)}`,
      ...names === "" ? [] : [`  names        ${nameOf(names)}`],
      `  valid        ${each.validFromDate.toISOString()} to ${each.validToDate.toISOString()}`,
      `  fingerprint  ${each.fingerprint256}`,
      `  certificate  ${certificate}`,
      `  public key   ${publicKey}`,
      "",
    ].join("\n");
  }).join("");
}

/** What a certificate says, on one line and without control characters. */
export function nameOf(text: string | undefined): string {
  const line = visible((text ?? "").replaceAll("\n", ", "));
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/**
 * Both ends of gRPC, as programs of their own: the library finds its proxy in
 * the environment.
 *
 * `serve`: prints its port. `call TARGET`: reads the CA that it trusts,
 * calls the server in every way, and prints what came of it as JSON.
 *
 * @module
 */
import {
  type Client,
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  status,
  type StatusObject,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";

/** Messages are text: the encoding is the business of the two ends. */
function method(path: string, requestStream: boolean, responseStream: boolean) {
  const serialize = (text: string) => Buffer.from(text);
  const deserialize = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    ...{ path: `/test.Echo/${path}`, requestStream, responseStream },
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

const SERVICE: ServiceDefinition = {
  greet: method("Greet", false, false),
  refuse: method("Refuse", false, false),
  count: method("Count", false, true),
  talk: method("Talk", true, true),
};

/** Without TLS: that of the library's server does not work on Deno 2.9.6. */
function serve(): void {
  const server = new Server();
  server.addService(SERVICE, {
    greet(
      call: ServerUnaryCall<string, string>,
      done: (error: null, value: string, trailer: Metadata) => void,
    ) {
      const head = new Metadata();
      head.set("x-head", String(call.metadata.get("x-from")[0]));
      call.sendMetadata(head);
      const trailer = new Metadata();
      trailer.set("x-trailer", "yes");
      done(null, `hello ${call.request.length}`, trailer);
    },
    refuse(
      _call: ServerUnaryCall<string, string>,
      done: (error: Partial<ServiceError>) => void,
    ) {
      done({ code: status.NOT_FOUND, details: "no such thing" });
    },
    count(call: ServerWritableStream<string, string>) {
      for (let at = 0; at < Number(call.request); at++) call.write(`${at}`);
      call.end();
    },
    talk(call: ServerDuplexStream<string, string>) {
      call.on("data", (text: string) => call.write(`you said ${text}`));
      call.on("end", () => call.end());
    },
  });
  const plain = ServerCredentials.createInsecure();
  server.bindAsync("127.0.0.1:0", plain, (error, port) => {
    if (error) throw error;
    print(String(port));
  });
}

/** The calls that the service definition makes; the library types them no further. */
interface EchoClient extends Client {
  greet: UnaryCall;
  refuse: UnaryCall;
  count(request: string): Stream;
  talk(): Stream;
}

type UnaryCall = (
  request: string,
  metadata: Metadata,
  done: (error: ServiceError | null, value?: string) => void,
) => Stream;

interface Stream {
  on(event: "metadata", then: (metadata: Metadata) => void): void;
  on(event: "status", then: (status: StatusObject) => void): void;
  on(event: "data", then: (text: string) => void): void;
  on(event: "error", then: (error: Error) => void): void;
  write(text: string): void;
  end(): void;
}

/** What came of one call. */
async function outcomeOf(
  call: UnaryCall,
  request: string,
): Promise<Record<string, unknown>> {
  const outcome: Record<string, unknown> = {};
  const ended = Promise.withResolvers<void>();
  const metadata = new Metadata();
  metadata.set("x-from", "test");
  const stream = call(request, metadata, (error, value) => {
    outcome.value = value;
    outcome.code = error?.code ?? 0;
    outcome.details = error?.details ?? "";
  });
  stream.on("metadata", (head) => outcome.head = head.get("x-head")[0]);
  stream.on("status", ({ metadata: trailer }) => {
    outcome.trailer = trailer.get("x-trailer")[0];
    ended.resolve();
  });
  await ended.promise;
  return outcome;
}

/** All messages of a stream, and its status. */
async function messagesOf(
  stream: Stream,
  onMessage: (count: number) => void = () => {},
): Promise<readonly [string[], number]> {
  const messages: string[] = [];
  const ended = Promise.withResolvers<StatusObject>();
  stream.on("data", (text) => onMessage(messages.push(text)));
  stream.on("status", ended.resolve);
  stream.on("error", () => {});
  return [messages, (await ended.promise).code];
}

async function call(target: string): Promise<void> {
  const ca = Buffer.from(await new Response(Deno.stdin.readable).bytes());
  const Echo = makeGenericClientConstructor(SERVICE, "Echo");
  const client = new Echo(
    target,
    credentials.createSsl(ca),
  ) as unknown as EchoClient;
  const greeted = await outcomeOf(client.greet.bind(client), "ann");
  const large = await outcomeOf(
    client.greet.bind(client),
    "x".repeat(1_000_000),
  );
  const refused = await outcomeOf(client.refuse.bind(client), "it");
  const counted = await messagesOf(client.count("1000"));
  // Each message is answered before the next one is sent.
  const talk = client.talk();
  const talking = messagesOf(talk, (count) => {
    if (count < 5) talk.write(`${count}`);
    else talk.end();
  });
  talk.write("0");
  const talked = await talking;
  print(JSON.stringify({ greeted, large, refused, counted, talked }));
  client.close();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const [task, target = ""] = Deno.args;
if (task === "serve") serve();
else await call(target);

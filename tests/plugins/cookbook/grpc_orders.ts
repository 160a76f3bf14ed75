/**
 * A gRPC service of orders, as a program of its own: prints its port.
 *
 * @module
 */
import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs";

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Question { string id = 1; int64 version = 2; bool details = 3; Buyer buyer = 4; }
  message Buyer { string name = 1; int32 age = 2; }
  message Order {
    double weight = 9;
    string id = 1;
    sint32 hidden = 10;
    int64 total = 2;
    fixed32 mark = 11;
    bool paid = 3;
    Buyer buyer = 4;
  }
`);
const Question = root.lookupType("Question");
const Order = root.lookupType("Order");

/** What the JSON of a test becomes. */
interface Asked {
  readonly id: string;
  readonly version: number;
  readonly details: boolean;
  readonly buyer: { readonly name: string; readonly age: number } | null;
}

const server = new Server();
server.addService({
  get: {
    path: "/shop.Orders/Get",
    requestStream: false,
    responseStream: false,
    requestSerialize: (asked: Asked) =>
      Buffer.from(Question.encode(asked).finish()),
    requestDeserialize: (bytes: Uint8Array) =>
      Question.toObject(Question.decode(bytes), { longs: Number }) as Asked,
    responseSerialize: (order: object) =>
      Buffer.from(Order.encode(order).finish()),
    responseDeserialize: (bytes: Uint8Array) => Order.decode(bytes),
  },
}, {
  get(call: ServerUnaryCall<Asked, object>, done: sendUnaryData<object>) {
    const { id, version, details, buyer } = call.request;
    if (id === "none") {
      return done({ code: status.NOT_FOUND, details: "100 % gone: size" });
    }
    const total = details ? version * 2 : version;
    const other = { weight: 1.5, hidden: -3, mark: 7 };
    done(null, { ...other, id: `order ${id}`, total, paid: details, buyer });
  },
});
const plain = ServerCredentials.createInsecure();
server.bindAsync("127.0.0.1:0", plain, (error, port) => {
  if (error) throw error;
  Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));
});

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, it } from "node:test";
import { DeleteKeyPairCommand, ImportKeyPairCommand } from "@aws-sdk/client-ec2";
import { keyPair } from "../../src/kinds/key-pair.ts";
import { startBackend } from "../support/backend.ts";
import { look, type VerifiedCase, verifiedContract } from "./verified.ts";

const backend = await startBackend();
after(() => backend.stop());

const one: VerifiedCase<object> = {
  kind: "key-pair",
  make: keyPair,
  spec: {},
  claim: "verify",
  async there() {
    const { ec2 } = backend.sdk;
    const KeyName = "pw-contract-key";
    await ec2.send(new ImportKeyPairCommand({ KeyName, PublicKeyMaterial: Buffer.from(publicKey()) }));
    return { name: KeyName, gone: () => ec2.send(new DeleteKeyPairCommand({ KeyName })) };
  },
  notThere: "pw-contract-no-key",
};

verifiedContract(backend, one);

it("a key pair that nobody made is refused, with what a person can do", async () => {
  const { observed, steps } = await look(backend, one, one.notThere);
  assert.equal(observed.is, "absent");
  assert.deepEqual(
    steps.map((step) => step.do === "refuse" && [step.reason, step.blocks]),
    [["NotFound", true]],
  );
});

/** In the form of OpenSSH: the length of each part stands before it. */
function publicKey(): string {
  const { n, e } = generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey.export({ format: "jwk" });
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const number = (text: string) => part(Buffer.concat([Buffer.from([0]), Buffer.from(text, "base64url")]));
  const exponent = part(Buffer.from(e!, "base64url"));
  return `ssh-rsa ${Buffer.concat([part(Buffer.from("ssh-rsa")), exponent, number(n!)]).toString("base64")} contract`;
}

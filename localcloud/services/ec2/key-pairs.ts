import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type {
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DeleteKeyPairResult,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  ImportKeyPairRequest,
  ImportKeyPairResult,
  KeyPair,
  KeyType,
} from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation, type World } from "../../service.ts";
import type { Regional } from "../regions.ts";
import { tagsToList } from "../tags.ts";
import { filtered, required } from "./filters.ts";
import type { Ec2State, KeyPairRecord } from "./state.ts";
import { tagsAtBirth } from "./tags.ts";

export function keyPairOperations(states: Regional<Ec2State>, world: World): Record<string, Operation> {
  /** Both ways of making a key pair end here. */
  function keep(call: Call, input: CreateKeyPairRequest | ImportKeyPairRequest, key: Key): KeyPairRecord {
    const { keyPairs } = states.in(call);
    const name = required(input.KeyName, "KeyName");
    if (byName(keyPairs, name) !== undefined) {
      throw new AwsError("InvalidKeyPair.Duplicate", `The keypair already exists`);
    }
    const tags = tagsAtBirth(input.TagSpecifications, "key-pair");
    const record = { id: world.id("key-", 17), name, tags, createdAt: new Date(world.now()), ...key };
    keyPairs.set(record.id, record);
    return record;
  }

  return {
    CreateKeyPair(input: CreateKeyPairRequest, call: Call): KeyPair {
      const type = input.KeyType ?? "rsa";
      const pair =
        type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
      const record = keep(call, input, {
        type,
        fingerprint: createdFingerprint(type, pair),
        publicKey: openSsh(pair.publicKey),
      });
      const form = type === "rsa" ? ("pkcs1" as const) : ("pkcs8" as const);
      return { ...answered(record), KeyMaterial: String(pair.privateKey.export({ type: form, format: "pem" })) };
    },

    ImportKeyPair(input: ImportKeyPairRequest, call: Call): ImportKeyPairResult {
      return answered(keep(call, input, importedKey(required(input.PublicKeyMaterial, "PublicKeyMaterial"))));
    },

    /** Success whether or not there is such a key. */
    DeleteKeyPair(input: DeleteKeyPairRequest, call: Call): DeleteKeyPairResult {
      const { keyPairs } = states.in(call);
      if (input.KeyName === undefined && input.KeyPairId === undefined) required(undefined, "KeyName");
      const record = [...keyPairs.values()].find(({ id, name }) => id === input.KeyPairId || name === input.KeyName);
      if (record !== undefined) keyPairs.delete(record.id);
      return { Return: true, KeyPairId: record?.id };
    },

    DescribeKeyPairs(input: DescribeKeyPairsRequest, call: Call): DescribeKeyPairsResult {
      const { keyPairs } = states.in(call);
      const all = [...keyPairs.values()];
      for (const name of input.KeyNames ?? []) {
        if (byName(keyPairs, name) === undefined) throw keyPairNotFound(name);
      }
      for (const id of input.KeyPairIds ?? []) {
        if (!keyPairs.has(id)) throw new AwsError("InvalidKeyPair.NotFound", `The key pair ID '${id}' does not exist`);
      }
      const named = all.filter(
        ({ id, name }) => (input.KeyNames?.includes(name) ?? true) && (input.KeyPairIds?.includes(id) ?? true),
      );
      const found = filtered(named, input.Filters, {
        "key-name": (key) => [key.name],
        "key-pair-id": (key) => [key.id],
        fingerprint: (key) => [key.fingerprint],
      });
      return {
        KeyPairs: found.map((record) => ({
          ...answered(record),
          KeyType: record.type,
          CreateTime: record.createdAt,
          PublicKey: input.IncludePublicKey === true ? record.publicKey : undefined,
        })),
      };
    },
  };
}

export function byName<T extends { readonly name: string }>(
  records: ReadonlyMap<string, T>,
  name: string,
): T | undefined {
  return [...records.values()].find((record) => record.name === name);
}

export function keyPairNotFound(name: string): AwsError {
  return new AwsError("InvalidKeyPair.NotFound", `The key pair '${name}' does not exist`);
}

type Key = Pick<KeyPairRecord, "type" | "fingerprint" | "publicKey">;

function answered({ id, name, fingerprint, tags }: KeyPairRecord): ImportKeyPairResult {
  return { KeyPairId: id, KeyName: name, KeyFingerprint: fingerprint, Tags: tagsToList(tags) };
}

/** AWS's three fingerprints: of created RSA keys the SHA-1 of the private key, of imported ones the MD5 of the public key. */
function createdFingerprint(type: KeyType, pair: { privateKey: KeyObject; publicKey: KeyObject }): string {
  if (type === "ed25519") return sshFingerprint(openSsh(pair.publicKey));
  return colons(
    createHash("sha1")
      .update(pair.privateKey.export({ type: "pkcs8", format: "der" }))
      .digest("hex"),
  );
}

function importedKey(material: Uint8Array): Key {
  const publicKey = Buffer.from(material).toString().trim();
  const [type, encoded = ""] = publicKey.split(/\s+/);
  const blob = Buffer.from(encoded, "base64");
  if (type === "ssh-ed25519" && blob.length > 0)
    return { type: "ed25519", fingerprint: sshFingerprint(publicKey), publicKey };
  if (type !== "ssh-rsa" || blob.length === 0) {
    throw new AwsError("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
  }
  const [, exponent, modulus] = sshStrings(blob);
  const jwk = { kty: "RSA", n: modulus?.toString("base64url"), e: exponent?.toString("base64url") };
  try {
    const der = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "der" });
    return { type: "rsa", fingerprint: colons(createHash("md5").update(der).digest("hex")), publicKey };
  } catch {
    throw new AwsError("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
  }
}

function openSsh(key: KeyObject): string {
  const jwk = key.export({ format: "jwk" });
  const parts =
    jwk.kty === "RSA"
      ? [Buffer.from("ssh-rsa"), integer(jwk.e!), integer(jwk.n!)]
      : [Buffer.from("ssh-ed25519"), Buffer.from(jwk.x!, "base64url")];
  const blob = Buffer.concat(parts.flatMap((part) => [lengthOf(part), part]));
  return `${parts[0]!.toString()} ${blob.toString("base64")}`;
}

/** SSH writes numbers signed: one whose highest bit is set needs a zero before it. */
function integer(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, "base64url");
  return bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}

function sshStrings(blob: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length; ) {
    const end = at + 4 + blob.readUInt32BE(at);
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function sshFingerprint(publicKey: string): string {
  return createHash("sha256")
    .update(Buffer.from(publicKey.split(/\s+/)[1] ?? "", "base64"))
    .digest("base64");
}

function colons(hex: string): string {
  return hex.match(/../g)!.join(":");
}

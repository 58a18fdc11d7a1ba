/** Address ranges, spelt in one way: EC2 clears the bits behind the prefix, and writes IPv6 in its shortest form. */
import { isIPv4, isIPv6 } from "node:net";

/** @example canonicalCidr("10.1.2.3/8") // "10.0.0.0/8" */
export function canonicalCidr(cidr: string): string {
  const [address = "", prefix] = cidr.split("/");
  if (isIPv4(address)) {
    const kept = Number(prefix ?? 32);
    const number = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
    const size = 2 ** (32 - kept);
    const first = number - (number % size);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${kept}`;
  }
  if (!isIPv6(address)) return cidr;
  const kept = Number(prefix ?? 128);
  const groups = groupsOf(address).map((group, index) => {
    const bits = Math.min(16, Math.max(0, kept - index * 16));
    return group & (0xffff << (16 - bits)) & 0xffff;
  });
  return `${shortest(groups)}/${kept}`;
}

/** Eight numbers of 16 bits. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const numbers = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const front = numbers(head);
  const back = numbers(tail ?? "");
  return [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
}

const shortest = (groups: readonly number[]): string =>
  new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);

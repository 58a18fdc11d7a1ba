/** What is wrong with an address block as security groups take it, and what to write instead; undefined for a good one. */
export function cidrProblem(block: string): string | undefined {
  const found = /^([^/]*)\/(\d{1,3})$/.exec(block);
  if (!found) return 'must be an address block, such as "203.0.113.0/24", or "203.0.113.7/32" for one address';
  const [address, length] = [found[1]!, Number(found[2])];
  const bytes = address.includes(":") ? ipv6Bytes(address) : ipv4Bytes(address);
  if (bytes === undefined) return `has no IP address before the slash; write one such as "203.0.113.0/24"`;
  const bits = bytes.length * 8;
  if (length > bits) return `has a length of ${length} bits; an address has ${bits}`;
  const bitsBehind = bytes.some((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, length - index * 8)))) !== 0);
  return bitsBehind ? `has address bits set behind its ${length} bits; write the block's first address` : undefined;
}

function ipv4Bytes(address: string): number[] | undefined {
  const parts = address.split(".");
  const good = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return good ? parts.map(Number) : undefined;
}

function ipv6Bytes(address: string): number[] | undefined {
  const halves = address.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...Array<string>(missing).fill("0"), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}

export interface Random {
  (): number;
  /** The seed of all that is still to come. */
  seed(): number;
}

/**
 * A seeded generator of numbers from 0 up to and without 1 (mulberry32): the same seed gives the same run. Each name has a
 * run of its own, so that what is drawn for one thing does not depend on when others draw.
 */
export function createRandom(seed: number, name = ""): Random {
  let state = (seed ^ hashOf(name)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Object.assign(next, { seed: () => state });
}

/** FNV-1a's way of mixing, but nothing for an empty name. */
function hashOf(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) + 0x9e3779b1;
  return hash;
}

/** Names, numbers and sizes as people read them. */
import { FOUNDATION } from "../core/resource.ts";

export const titleOf = (name: string): string => (name === FOUNDATION ? "foundation (shared by all workflows)" : name);

/** @example counted(1, "file") // "1 file" */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** @example sizeText(1536) // "1.5 KiB" */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

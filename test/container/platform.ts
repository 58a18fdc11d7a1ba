/** The two architectures that the image is made for: this machine's, and the other one. */
import { arch } from "node:os";
import type { Architecture } from "../worker/packed.ts";

export interface Platform {
  /** As AWS calls it. */
  readonly architecture: Architecture;
  /** As Debian, Docker and Go call it. */
  readonly debian: "amd64" | "arm64";
  /** Runs its programs on any machine. */
  readonly qemu: string;
  /** `e_machine` in the head of its ELF files. */
  readonly machine: number;
}

const X86: Platform = { architecture: "x86_64", debian: "amd64", qemu: "/usr/bin/qemu-x86_64-static", machine: 62 };
const ARM: Platform = { architecture: "arm64", debian: "arm64", qemu: "/usr/bin/qemu-aarch64-static", machine: 183 };

export const [OWN, OTHER] = arch() === "arm64" ? [ARM, X86] : [X86, ARM];

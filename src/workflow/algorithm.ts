/** An algorithm as the rest of the program sees it: every default filled in, every check passed. */

export interface Port {
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

export interface Algorithm {
  readonly name: string;
  /** Image reference, as written in `container_name`. */
  readonly image: string;
  /** `run_command` as arguments; `$input` and `$output` still stand in them. */
  readonly command: readonly string[];
  /** Folders inside the container, absolute. */
  readonly inputPath: string;
  readonly outputPath: string;
  readonly memory: {
    /** What is reserved for the algorithm. */
    readonly minimalMiB: number;
    /** What it may use at most. */
    readonly suggestedMiB: number;
  };
  /** vCPUs; fractions are allowed. */
  readonly cpu: number;
  /** Folder with the program, relative to the algorithm's file, `/` as separator. */
  readonly source?: string;
  readonly instanceType?: string;
  /** The variables that a workflow may set. */
  readonly variables: readonly { readonly name: string; readonly required: boolean }[];
  /** The ports that a workflow may publish. */
  readonly ports: readonly Port[];
  readonly successExitCodes: readonly number[];
  /** "rest": every code that is neither success nor fail. With a list, codes in no list are failures. */
  readonly retryExitCodes: "rest" | readonly number[];
  /** Codes that trying again cannot help. */
  readonly failExitCodes: readonly number[];
  /** ARN of the secret for the image's registry. */
  readonly registryCredentials?: string;
}

// One handler with all that it needs, as the zip that Lambda takes.
import { join } from "node:path";
import { zipSync } from "fflate";
import { rolldown } from "rolldown";

/** Packages' modules count as free of side effects. */
export const treeshake = { moduleSideEffects: [{ test: /node_modules/, sideEffects: false }] };

/**
 * Same bytes on every machine, so that `CodeSha256` tells whether a function's code differs: one date, one mode, and
 * fflate's own deflate, which is plain JavaScript of a pinned version.
 *
 * @param {string} root the repository
 * @param {string} name of a file in `lambda/`
 * @returns {Promise<Uint8Array>}
 */
export async function functionZip(root, name) {
  const build = await rolldown({
    input: join(root, `lambda/${name}.ts`),
    platform: "node",
    treeshake,
    resolve: {
      // The SDK's CommonJS, which comes first on Node, cannot be taken apart: it is half as large again.
      mainFields: ["module", "main"],
      alias: { "@aws-sdk/credential-provider-node": join(root, "lambda/credentials.ts") },
    },
  });
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
  await build.close();
  const epoch = new Date(1980, 0, 1);
  return zipSync({
    "index.mjs": [Buffer.from(output[0].code), { level: 9, mtime: epoch, os: 3, attrs: (0o100644 << 16) >>> 0 }],
  });
}

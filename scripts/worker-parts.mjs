// Where the worker's Node, its loader and its libraries come from: this machine, or npm and Debian.
import { execFileSync } from "node:child_process";
import { globSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
/** The pinned one. */
export const NODE_VERSION = devDependencies.node;

/** Where the libraries are from. */
const DEBIAN_PACKAGES = ["libc6", "libgcc-s1", "libstdc++6"];
/** How npm and Debian call what we call by AWS's names. */
const NAMES = { x86_64: { npm: "x64", debian: "amd64" }, arm64: { npm: "arm64", debian: "arm64" } };

/** The Node that npm installed, and the libraries that it runs with here. */
export function installedParts() {
  const node = join(root, "node_modules/node/bin/node");
  const paths = [...execFileSync("ldd", [node], { encoding: "utf8" }).matchAll(/\/\S+/g)].map(([path]) => path);
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  return {
    node,
    find: (name) =>
      found(
        name,
        folders.flatMap((folder) => globSync(join(folder, name))),
      ),
    licenses: DEBIAN_PACKAGES.flatMap((name) => globSync(`/usr/share/doc/${name}/copyright`)),
  };
}

/**
 * Needs npm, and apt with a Debian or Ubuntu behind it.
 *
 * @param {"x86_64" | "arm64"} architecture
 * @param {string} folder for what is fetched: Node in `node/bin`, Debian's files as they are in a root in `libraries`
 */
export function downloadedParts(architecture, folder) {
  const { npm, debian } = NAMES[architecture];
  mkdirSync(join(folder, "lists/partial"), { recursive: true });
  mkdirSync(join(folder, "archives/partial"), { recursive: true });
  const run = (command, ...args) =>
    execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });

  run("npm", "pack", "--silent", `node-linux-${npm}@${NODE_VERSION}`);
  run("tar", "-xzf", globSync(join(folder, "node-linux-*.tgz"))[0]);
  run("mv", "package", "node");
  // Lists and a status of its own: the machine's apt knows nothing of other architectures, and is left as it is.
  writeFileSync(join(folder, "status"), "");
  const apt = [
    ...["-qq", "-o", `Dir::State::lists=${folder}/lists`, "-o", `Dir::State::status=${folder}/status`],
    ...["-o", `Dir::Cache=${folder}`, "-o", `APT::Architecture=${debian}`, "-o", `APT::Architectures=${debian}`],
    ...["-o", "APT::Sandbox::User=root"],
  ];
  const fetched = (packages) => {
    run("apt-get", ...apt, "download", ...packages);
    for (const file of globSync(join(folder, "*.deb"))) run("dpkg-deb", "-x", file, "libraries");
  };
  run("apt-get", ...apt, "update");
  fetched(DEBIAN_PACKAGES);
  // GCC's libraries have their licence in a package of its own, to which their folders of documents are links.
  const documents = DEBIAN_PACKAGES.map((name) => join(folder, "libraries/usr/share/doc", name));
  fetched(new Set(documents.filter((path) => lstatSync(path).isSymbolicLink()).map((path) => readlinkSync(path))));
  return {
    node: join(folder, "node/bin/node"),
    find: (name) => found(name, globSync(join(folder, "libraries/**", name))),
    licenses: [join(folder, "node/LICENSE"), ...documents.map((path) => join(path, "copyright"))],
  };
}

function found(name, paths) {
  if (paths.length === 0) throw new Error(`${name} is missing; this needs glibc, as on Debian`);
  return paths[0];
}

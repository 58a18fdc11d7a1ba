// A picture without its colours: grey-picture.mjs INPUT OUTPUT
// Input and output: PNG. Exit code 65: the file is no PNG. Reading and writing is done by pngjs (MIT licence).
import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

const NOT_A_PICTURE = 65;

const [input, output] = process.argv.slice(2);
const picture = read(input);
const { data, width, height } = picture;
for (let at = 0; at < data.length; at += 4) data.fill(lightness(data[at], data[at + 1], data[at + 2]), at, at + 3);
writeFileSync(output, PNG.sync.write(picture));
console.log(`${width} × ${height} pixels`);

/** How bright a colour looks: the luma of ITU-R BT.709. */
function lightness(red, green, blue) {
  return Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
}

function read(path) {
  try {
    return PNG.sync.read(readFileSync(path));
  } catch (error) {
    console.error(`no PNG: ${error.message}`);
    process.exit(NOT_A_PICTURE);
  }
}

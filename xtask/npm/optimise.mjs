// Optimises small modules in place, all in one process: starting one for each costs more than the work.
// node optimise.mjs <binaryen's index.js> <module>…
import { readFileSync, writeFileSync } from "node:fs";

const [library, ...paths] = process.argv.slice(2);
const { default: binaryen } = await import(library);
const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt, SIMD128 } = binaryen.Features;

// As `wasm-opt -Oz`.
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);

/** The module without its custom sections: names and what a debugger reads. */
function stripped(bytes) {
  const parts = [bytes.subarray(0, 8)];
  let at = 8;
  while (at < bytes.length) {
    const from = at;
    const id = bytes[at++];
    let [length, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      length |= (bytes[at] & 127) << shift;
      more = bytes[at++] > 127;
    }
    at += length;
    if (id !== 0) parts.push(bytes.subarray(from, at));
  }
  return Buffer.concat(parts);
}

for (const path of paths) {
  const module = binaryen.readBinary(stripped(readFileSync(path)));
  module.setFeatures(SIMD128 | BulkMemory | BulkMemoryOpt | NontrappingFPToInt | SignExt | MutableGlobals | ReferenceTypes | Multivalue);
  module.optimize();
  writeFileSync(path, module.emitBinary());
  module.dispose();
}

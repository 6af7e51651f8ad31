// ONNX Runtime's LSTM and GRU operators; speaks the protocol of worker.h. FOLDER also holds model.onnx, and call.onnx
// for DIRECTION call: a graph that hands over outputs of the work's size and computes nothing.
"use strict";
const fs = require("fs");
const readline = require("readline");
const ort = require("onnxruntime-node");

const SOURCES = { inference: ["model.onnx", "x.f32"], call: ["call.onnx", "dy.f32"] };
let session, x, y;

async function load([direction, , B, T, F, H, , directions, threads, folder]) {
  if (!(direction in SOURCES)) throw new Error("does not train");
  const [graph, values] = SOURCES[direction];
  session = await ort.InferenceSession.create(`${folder}/${graph}`, {
    executionProviders: ["cpu"], intraOpNumThreads: Number(threads), interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const bytes = fs.readFileSync(`${folder}/${values}`);
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const features = direction === "call" ? H * directions : F;
  x = new ort.Tensor("float32", Float32Array.from(floats), [T, B, features].map(Number));
}

async function run(repeats) {
  const seconds = [];
  for (let i = 0; i < repeats; ++i) {
    const begin = process.hrtime.bigint();
    y = (await session.run({ x })).y;
    seconds.push(Number(process.hrtime.bigint() - begin) * 1e-9);
  }
  seconds.sort((a, b) => a - b);
  return seconds[Math.floor(repeats / 2)];
}

async function answer([command, ...words]) {
  if (command === "run") return run(Number(words[0]));
  if (command === "load") await load(words);
  else fs.writeFileSync(words[0], y.data);
  return "ok";
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      console.log(await answer(line.trim().split(/\s+/)));
    } catch (error) {
      console.log("cannot " + String(error.message).replace(/\n/g, " "));
    }
  }
})();

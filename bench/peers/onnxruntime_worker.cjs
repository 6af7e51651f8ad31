// ONNX Runtime's LSTM and GRU operators; speaks the protocol of worker.h. FOLDER also holds model.onnx.
"use strict";
const fs = require("fs");
const readline = require("readline");
const ort = require("onnxruntime-node");

let session, x, y;

async function load([direction, , B, T, F, , , , threads, folder]) {
  if (direction !== "inference") throw new Error("does not train");
  session = await ort.InferenceSession.create(`${folder}/model.onnx`, {
    executionProviders: ["cpu"], intraOpNumThreads: Number(threads), interOpNumThreads: 1,
    graphOptimizationLevel: "all",
  });
  const bytes = fs.readFileSync(`${folder}/x.f32`);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  x = new ort.Tensor("float32", Float32Array.from(values), [T, B, F].map(Number));
}

async function run(repeats) {
  const seconds = [];
  for (let i = 0; i < repeats; ++i) {
    const begin = process.hrtime.bigint();
    y = (await session.run({ x })).y;
    seconds.push(Number(process.hrtime.bigint() - begin) * 1e-9);
  }
  seconds.sort((a, b) => a - b);
  let sum = 0;
  for (const v of y.data) sum += Math.abs(v);
  return `${seconds[Math.floor(repeats / 2)]} ${sum / y.data.length}`;
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const words = line.trim().split(/\s+/);
    try {
      if (words[0] === "load") {
        await load(words.slice(1));
        console.log("ok");
      } else {
        console.log(await run(Number(words[1])));
      }
    } catch (error) {
      console.log("cannot " + String(error.message).replace(/\n/g, " "));
    }
  }
})();

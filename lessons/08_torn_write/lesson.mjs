// Torn writes in Node: the same question, asked with two threads and shared memory.
// Run: node lesson.mjs, or heddle run torn_write --node
//
// Node never splits a store to one element of a typed array on today's 64-bit machines. So the value is
// two Int32 halves here, like the Java long of the old rule: two stores, and a moment between them.
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const LONG_ENOUGH = 300, TOO_LONG = 2000; // milliseconds
const STOP = 0, TURN = 1; // places in `control`
const WRITER = 1, READER = 2, OVER = 3; // whose turn it is

function hex(high, low) {
  return '0x' + [high, low].map((half) => (half >>> 0).toString(16).toUpperCase().padStart(8, '0')).join('');
}

function waitFor(control, turn) {
  for (let now; (now = Atomics.load(control, TURN)) !== turn;) Atomics.wait(control, TURN, now);
}

function giveTo(control, turn) {
  Atomics.store(control, TURN, turn);
  Atomics.notify(control, TURN);
}

// ---- the writer's thread ----

function writeOnAndOn({ control, half, whole }, atomic) {
  let value = 0;
  while (Atomics.load(control, STOP) === 0) {
    value = ~value; // all ones, all zeros, all ones ...
    if (atomic) {
      Atomics.store(whole, 0, BigInt(value));
    } else {
      half[0] = value;
      half[1] = value;
    }
  }
}

function writeOnce({ control, half }) {
  waitFor(control, WRITER);
  half[0] = -1;
  giveTo(control, READER); // the reader gets its turn in the middle of the store
  waitFor(control, WRITER);
  half[1] = -1;
  giveTo(control, READER);
}

// ---- the reader: Node's main thread ----

function start(how) {
  const shared = { control: new Int32Array(new SharedArrayBuffer(8)), buffer: new SharedArrayBuffer(8) };
  new Worker(new URL(import.meta.url), { workerData: { ...shared, how } });
  return { control: shared.control, ...views(shared.buffer) };
}

function views(buffer) {
  return { half: new Int32Array(buffer), whole: new BigInt64Array(buffer) };
}

function natural(name, atomic) {
  const { control, half, whole } = start(atomic ? 'atomic' : 'halves');
  let reads = 0, torn = 0, first = '';
  const began = performance.now();
  for (let now = began; now - began < LONG_ENOUGH || (!atomic && torn === 0 && now - began < TOO_LONG);
    now = performance.now()) {
    for (let i = 0; i < 1000; i++, reads++) {
      let low, high;
      if (atomic) {
        const seen = Atomics.load(whole, 0);
        low = Number(BigInt.asIntN(32, seen));
        high = Number(BigInt.asIntN(32, seen >> 32n));
      } else {
        low = half[0];
        high = half[1];
      }
      if (low !== high && torn++ === 0) first = hex(high, low);
    }
  }
  Atomics.store(control, STOP, 1);
  const rate = torn > 0 ? ` (${(torn / reads * 1e6).toFixed(1)} per million), first: ${first}` : '';
  console.log(`${name}: ${reads} reads, ${torn} torn${rate}`);
}

function forced() {
  const { control, half } = start('once');
  const seen = [];
  for (let i = 0; i < 3; i++) { // before the store, in the middle of it, after it
    seen.push([half[1], half[0]]);
    if (i < 2) {
      giveTo(control, WRITER);
      waitFor(control, READER);
    }
  }
  const torn = seen.filter(([high, low]) => high !== low);
  console.log(`  one store, step by step: ${seen.length} reads, ${torn.length} torn, first: ${hex(...torn[0])}`);
}

if (isMainThread) {
  natural('two halves of 4 bytes', false);
  forced();
  natural('one 64-bit element, Atomics', true);
} else {
  const shared = { control: workerData.control, ...views(workerData.buffer) };
  if (workerData.how === 'once') writeOnce(shared);
  else writeOnAndOn(shared, workerData.how === 'atomic');
}

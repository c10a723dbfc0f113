// A worker of the pool: waits for a task, makes the task's numbers, sorts them, answers, waits again.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ seed, count }) => {
  const numbers = new Uint32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    numbers[i] = state;
  }
  numbers.sort();
  parentPort.postMessage({ smallest: numbers[0], largest: numbers[count - 1] });
});

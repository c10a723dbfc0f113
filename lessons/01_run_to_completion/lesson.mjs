// Run to completion in Node: who can change a variable while a callback is using it?
// Run: node lesson.mjs, or heddle run run_to_completion --node
import { Worker, isMainThread, workerData } from 'node:worker_threads';

const DOWN = 0, UP = 1;
const LOOK_MS = 5, FEW_LOOKS = 10, MANY_LOOKS = 2000;

function work(ms) {
  for (const end = performance.now() + ms; performance.now() < end;);
}

// The callback: the same in both stages, only the one who is asked to lower the flag differs.
// Returns the number of the look that found the flag down, or 0 when it was up at every look.
function useTheFlag(flag, askToLower, looks) {
  Atomics.store(flag, 0, UP);
  askToLower(flag);
  for (let look = 1; look <= looks; look++) {
    work(LOOK_MS);
    if (Atomics.load(flag, 0) === DOWN) return look;
  }
  return 0;
}

function tell(who, look, looks) {
  console.log(look > 0 ? `${who}: the flag was down at look ${look}` : `${who}: the flag was up at all ${looks} looks`);
}

function secondCallback(flag) {
  const askAThread = () => new Worker(new URL(import.meta.url), { workerData: flag });
  tell('with a second thread', useTheFlag(flag, askAThread, MANY_LOOKS), MANY_LOOKS);
}

function firstCallback(flag) {
  const askATimer = () => {
    const due = performance.now() + LOOK_MS;
    setTimeout(() => {
      Atomics.store(flag, 0, DOWN);
      const late = performance.now() - due;
      console.log(`one thread: the timer was due after ${LOOK_MS} ms and ran ${late.toFixed(0)} ms late`);
      setImmediate(secondCallback, flag);
    }, LOOK_MS);
  };
  tell('one thread', useTheFlag(flag, askATimer, FEW_LOOKS), FEW_LOOKS);
}

if (isMainThread) setImmediate(firstCallback, new Int32Array(new SharedArrayBuffer(4)));
else Atomics.store(workerData, 0, DOWN); // the second thread

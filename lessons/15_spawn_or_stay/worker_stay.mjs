// The worker that stays. Its listener keeps it alive; without one it ends.
import { parentPort } from 'node:worker_threads';

function onTask(first) {
  if (first === 'stop') parentPort.off('message', onTask);
  else parentPort.postMessage(Array.from({ length: 10 }, (_, i) => first + i));
}

parentPort.on('message', onTask);

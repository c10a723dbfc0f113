// Spawn or stay in Node: a new worker for every task, or one worker that waits for tasks?
// Run: node lesson.mjs, or heddle run spawn_or_stay --node
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const TASKS = 5, SILENCE_MS = 50;
let onceUs = 0, stayUs = 0, ended = 0;

function tell(who, task, asked, numbers) {
  const us = (performance.now() - asked) * 1000;
  console.log(`${who}: task ${task} after ${us.toFixed(0)} us: ${numbers.join(' ')}`);
  return us;
}

for (let task = 0; task < TASKS; task++) {
  const asked = performance.now();
  const worker = new Worker(new URL('worker_once.mjs', import.meta.url), { workerData: task * 10 });
  const number = worker.threadId;
  const exited = once(worker, 'exit');
  onceUs += tell('once', task, asked, (await once(worker, 'message'))[0]);
  console.log(`once: worker ${number} has ended by itself, exit status ${(await exited)[0]}`);
}
console.log(`once: ${TASKS} tasks, ${TASKS} threads started, ${TASKS} ended`);

const stays = new Worker(new URL('worker_stay.mjs', import.meta.url));
const exited = once(stays, 'exit').then(([status]) => { ended++; return status; });
for (let task = 0; task < TASKS; task++) {
  const asked = performance.now();
  stays.postMessage(task * 10);
  const us = tell('stay', task, asked, (await once(stays, 'message'))[0]);
  if (task > 0) stayUs += us; // the first one had to wait for the worker's start
}
await sleep(SILENCE_MS);
console.log(`stay: ${SILENCE_MS} ms later nobody has told the worker to stop, and ${ended} worker has ended`);
stays.postMessage('stop');
console.log(`stay: the worker has ended, exit status ${await exited}, because it was told to stop`);
console.log(`stay: ${TASKS} tasks, 1 thread started, ${ended} ended`);
console.log(`from asking to answer, on average: ${(onceUs / TASKS).toFixed(0)} us with a new worker, ` +
  `${(stayUs / (TASKS - 1)).toFixed(0)} us with one that is there already`);

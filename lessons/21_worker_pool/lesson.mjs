// A worker pool in Node: many tasks, eight workers that are made beforehand, one loop that hears of each result.
// Run: node lesson.mjs [TASKS [NUMBERS [WORKERS]]], or heddle run worker_pool --node
import { Worker } from 'node:worker_threads';

const [TASKS = 100, NUMBERS = 250000, WORKERS = 8] = process.argv.slice(2).map(Number);

class WorkerPool {
  constructor(file, size) {
    this.idle = Array.from({ length: size }, () => new Worker(file)); // the free worker with the lowest number is first
    this.order = new Map(this.idle.map((worker, index) => [worker, index]));
    this.waiting = []; // tasks, first in first out
    this.busy = 0;
  }

  submit(task, done) {
    this.waiting.push({ task, done });
    this.next();
  }

  next() {
    if (this.waiting.length === 0 || this.idle.length === 0) return;
    const { task, done } = this.waiting.shift(), worker = this.idle.shift();
    this.busy++;
    const onMessage = (answer) => settle(null, answer), onError = (error) => settle(error);
    const settle = (error, answer) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      this.busy--;
      done(error, answer);
      this.free(error ? this.replace(worker) : worker); // now it takes the oldest waiting task
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(task);
  }

  free(worker) {
    this.idle.push(worker);
    this.idle.sort((a, b) => this.order.get(a) - this.order.get(b));
    this.next();
  }

  replace(worker) {
    const fresh = new Worker(new URL('sort_worker.mjs', import.meta.url));
    this.order.set(fresh, this.order.get(worker));
    this.order.delete(worker);
    return fresh;
  }

  close() {
    return Promise.all([...this.order.keys()].map((worker) => worker.terminate()));
  }
}

const pool = new WorkerPool(new URL('sort_worker.mjs', import.meta.url), WORKERS);
const began = performance.now();
let finished = 0, newest = 0, overtaken = 0;

for (let i = 0; i < TASKS; i++) {
  const count = 1 + Math.floor(NUMBERS * (8 - i % 8) / 8);
  const number = i + 1;
  pool.submit({ seed: number, count }, (error) => {
    if (error) throw error;
    console.log(`finished ${number}`);
    if (number < newest) overtaken++;
    else newest = number;
    if (++finished < TASKS) return;
    console.log('finished all');
    console.log(`pool: ${WORKERS} workers, ${finished} tasks done, ${overtaken} overtaken, ` +
      `${(performance.now() - began).toFixed(0)} ms`);
    pool.close();
  });
}
console.log(`submitted ${TASKS} tasks: ${pool.busy} are with a worker, ${pool.waiting.length} wait`);

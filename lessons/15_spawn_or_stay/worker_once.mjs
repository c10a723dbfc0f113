// The worker that is made for one task. It posts its answer, nothing keeps its loop alive, and it ends.
import { parentPort, workerData } from 'node:worker_threads';

parentPort.postMessage(Array.from({ length: 10 }, (_, i) => workerData + i));

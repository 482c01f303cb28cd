// The worker, which makes the next job of each job scheduler, too. Its function notes when it was called.
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { listen } from './control.mjs'

const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null }
const log = new Redis(connection)

/** The nominal time of a job scheduler's job is the last part of its id. */
function nominal(job) {
  return job.data.nominal ?? Number(job.id.slice(job.id.lastIndexOf(':') + 1))
}

const worker = new Worker(
  'tasks',
  async (job) => {
    const started = Date.now()
    await log.xadd('executions', '*', 'task', job.data.task, 'nominal', nominal(job), 'started', started)
  },
  { connection, concurrency: Number(process.env.CONCURRENCY), removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } },
)
worker.on('error', (error) => console.error(error.message))
await worker.waitUntilReady()
listen({})

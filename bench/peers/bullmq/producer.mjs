// Stores tasks: job schedulers for what is due each second, delayed jobs for what is due once.
import { Queue } from 'bullmq'
import { listen } from './control.mjs'

const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) }
const queue = new Queue('tasks', { connection })
queue.on('error', (error) => console.error(error.message))
await queue.waitUntilReady()

const AT_ONCE = 1000

/** Work for each of many, some at a time. */
async function each(names, work) {
  for (let first = 0; first < names.length; first += AT_ONCE) {
    await Promise.all(names.slice(first, first + AT_ONCE).map(work))
  }
}

/** Delayed jobs, a thousand in a call. */
async function once({ names, at }) {
  for (let first = 0; first < names.length; first += AT_ONCE) {
    const delay = Math.max(0, at - Date.now())
    const jobs = names.slice(first, first + AT_ONCE)
    await queue.addBulk(jobs.map((task) => ({ name: 'once', data: { task, nominal: at }, opts: { delay } })))
  }
}

listen({
  once,
  everySecond: ({ names, at }) =>
    each(names, (task) =>
      queue.upsertJobScheduler(task, { every: 1000, startDate: at }, { name: 'secondly', data: { task } }),
    ),
  remove: async ({ names }) => {
    await each(names, (task) => queue.removeJobScheduler(task))
  },
})

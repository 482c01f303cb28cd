// Requests over a local socket: a line of JSON each, answered by one line.
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** Listen where CONTROL_PORT says. `commands`: by the word in `do`, a function of the request. */
export function listen(commands) {
  createServer((socket) => {
    socket.on('error', () => socket.destroy())
    const answer = async (line) => {
      try {
        const request = JSON.parse(line)
        return { ok: (await commands[request.do](request)) ?? null }
      } catch (error) {
        return { error: String(error?.stack ?? error).slice(0, 500) }
      }
    }
    let before = Promise.resolve()
    createInterface({ input: socket }).on('line', (line) => {
      before = before.then(async () => socket.write(JSON.stringify(await answer(line)) + '\n'))
    })
  }).listen(Number(process.env.CONTROL_PORT), '127.0.0.1')
}

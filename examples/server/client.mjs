// Asks again and again over one connection, and checks that each answer has the next number: PORT http|lines
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port, language] = process.argv.slice(2)
const ask = language === 'http' ? askByHttp() : askByLines()
let [asked, slowestMs] = [0, 0]
process.once('SIGTERM', () => {
  console.log(`${asked} answers over one connection, none lost or doubled; the slowest took ${Math.round(slowestMs)} ms.`)
  process.exit(0)
})
for (;;) {
  const startedMs = performance.now()
  const answer = await ask()
  if (Number(answer) !== ++asked) throw new Error(`The ${asked}th answer is ${answer}.`)
  slowestMs = Math.max(slowestMs, performance.now() - startedMs)
}

function askByLines () {
  const socket = connect(port, '127.0.0.1')
  const lines = createInterface(socket)[Symbol.asyncIterator]()
  return async () => {
    socket.write('?\n')
    return (await lines.next()).value
  }
}

function askByHttp () {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let socket
  return async () => await new Promise((resolve, reject) => {
    request({ port, agent }, async response => {
      let body = ''
      for await (const bytes of response) body += bytes
      resolve(body)
    }).on('socket', used => {
      if (socket !== undefined && used !== socket) reject(new Error('The connection is another.'))
      socket = used
    }).on('error', reject).end()
  })
}

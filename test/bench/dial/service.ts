import { createServer, type Socket } from 'node:net'

const PIECE = Buffer.alloc(256 * 1024)

/** What is dialled: sends without end to who begins with `s`, and sends back what comes to all others. */
const server = createServer({ noDelay: true }, socket => {
  socket.on('error', () => { /* the client has enough */ })
  socket.once('data', first => {
    if (first[0] === 's'.charCodeAt(0)) return pour(socket)
    socket.write(first)
    socket.pipe(socket)
  })
})

function pour (socket: Socket): void {
  while (socket.writable) if (!socket.write(PIECE)) break
  socket.once('drain', () => pour(socket))
}

server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write(`${process.pid}\n`))

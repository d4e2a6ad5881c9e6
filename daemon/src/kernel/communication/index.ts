/** Communication lets anybody talk to what has a name, wherever it is and wherever it goes (paper III.B.2). */
export { Communication, type CommunicationPorts } from './communication.ts'
export { serveCommunication } from './calls.ts'

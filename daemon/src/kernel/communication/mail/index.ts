/** Mail is kept for objects until they have acknowledged it, and tells whoever sends too much to wait. */
export { Mailboxes, type MailPorts } from './mailboxes.ts'
export { Sender, type Recipient, type SenderPorts } from './sender.ts'

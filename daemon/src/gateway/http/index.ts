/** HTTP with JSON for languages without a client: the table as it is, and its description for people and programs. */
export { serveHttp, type HttpGateway } from './http.ts'

/** HTTP with JSON for every language that has no client: the table as it is, and its description for people and programs. */
export { serveHttp, type HttpGateway } from './http.ts'

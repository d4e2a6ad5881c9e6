/** Unchanged programs reach what has a name by a proxy on loopback, SOCKS5 or HTTP; it leads nowhere else. */
export { serveProxy, type Proxy, type ProxyOptions } from './proxy.ts'

/** Whether only this machine can open the page's address. */
export const isLocal = (): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);

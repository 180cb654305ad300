// Preloaded into a process: writes every address it connects to, and every name it looks up, to CONNECTIONS_FILE.
const { appendFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');

const note = (text) => appendFileSync(process.env.CONNECTIONS_FILE, `${text}\n`);
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (!options?.path) note(`${options?.host ?? 'localhost'}:${options?.port}`);
  return connect.apply(this, args);
};
const { lookup } = dns;
dns.lookup = (name, ...rest) => {
  note(`lookup ${name}`);
  return lookup(name, ...rest);
};

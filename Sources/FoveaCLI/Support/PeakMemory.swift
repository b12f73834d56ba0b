import Glibc

/// The most memory that this process has had resident, in bytes; 0 where the system does not tell.
///
/// From /proc, not from getrusage: that number survives exec, so a large parent process would show in it.
func peakResidentBytes() -> Int {
  let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return 0 }
  defer { close(descriptor) }
  guard let bytes = readAll(descriptor) else { return 0 }
  // "VmHWM:     12345 kB"
  for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:") {
    return (Int(line.filter(\.isNumber)) ?? 0) * 1024
  }
  return 0
}

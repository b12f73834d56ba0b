import Foundation
import Testing

/// How a run of the command ended.
struct Outcome {
  /// The exit status; below 0 the number of the signal that ended it, which is always a bug.
  var status: Int32
  var outputBytes: Data
  var errors: String

  var output: String { String(decoding: outputBytes, as: UTF8.self) }

  /// Standard output as JSON, whose keys are in snake_case.
  func json<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: outputBytes)
  }
}

/// The built `fovea`: $FOVEA_BINARY, else the one that was built beside these tests.
let foveaBinary: String = {
  if let path = ProcessInfo.processInfo.environment["FOVEA_BINARY"] { return path }
  let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
  return tests.deletingLastPathComponent().appending(path: "fovea").path(percentEncoded: false)
}()

/// Runs the command as a user would.
///
/// - Parameters:
///   - input: the bytes on standard input.
///   - environment: added to the tests' own, from which FOVEA_MODEL and FOVEA_ISA are taken out.
///   - folder: the working directory.
///   - shell: a line for bash instead, in which "$@" is the command and its arguments.
func fovea(
  _ arguments: String..., input: Data = Data(), environment: [String: String] = [:], folder: String? = nil,
  binary: String = foveaBinary, shell: String? = nil
) throws -> Outcome {
  try fovea(arguments, input: input, environment: environment, folder: folder, binary: binary, shell: shell)
}

func fovea(
  _ arguments: [String], input: Data = Data(), environment: [String: String] = [:], folder: String? = nil,
  binary: String = foveaBinary, shell: String? = nil
) throws -> Outcome {
  // Files, not pipes: a pipe that nobody empties stops the command.
  let scratch = try temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: scratch) }
  func file(_ name: String) throws -> FileHandle {
    try Data().write(to: URL(filePath: scratch + name))
    return try FileHandle(forUpdating: URL(filePath: scratch + name))
  }
  try input.write(to: URL(filePath: scratch + "in"))
  let process = Process()
  let command = [binary] + arguments
  if let shell {
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", shell, "bash"] + command
  } else {
    process.executableURL = URL(filePath: binary)
    process.arguments = arguments
  }
  process.environment = ProcessInfo.processInfo.environment.filter { !["FOVEA_MODEL", "FOVEA_ISA"].contains($0.key) }
    .merging(environment) { $1 }
  if let folder { process.currentDirectoryURL = URL(filePath: folder) }
  process.standardInput = try FileHandle(forReadingFrom: URL(filePath: scratch + "in"))
  process.standardOutput = try file("out")
  process.standardError = try file("err")
  try process.run()
  process.waitUntilExit()
  let status = process.terminationStatus
  return Outcome(
    status: process.terminationReason == .exit ? status : -status,
    outputBytes: try Data(contentsOf: URL(filePath: scratch + "out")),
    errors: String(decoding: try Data(contentsOf: URL(filePath: scratch + "err")), as: UTF8.self))
}

/// Expects what every refusal must be: the status, nothing on standard output, and one line on standard error that begins
/// "fovea: " and mentions all of `mentions`.
func expectRefusal(
  _ outcome: Outcome, _ status: Int32, _ mentions: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
  #expect(outcome.output == "", sourceLocation: sourceLocation)
  let lines = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false)
  #expect(lines.count == 2 && lines.last == "", "one line: \(outcome.errors)", sourceLocation: sourceLocation)
  #expect(outcome.errors.hasPrefix("fovea: "), "\(outcome.errors)", sourceLocation: sourceLocation)
  for text in mentions {
    #expect(outcome.errors.contains(text), "\(outcome.errors)", sourceLocation: sourceLocation)
  }
}

/// Expects success, and says why where there is none.
@discardableResult
func expectSuccess(_ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation) -> Outcome {
  #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
  return outcome
}

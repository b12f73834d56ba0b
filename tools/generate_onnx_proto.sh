#!/bin/sh
# Generates Sources/FoveaConvert/ONNX/onnx.pb.swift from onnx.proto beside it. Run it after editing onnx.proto:
#
#     tools/generate_onnx_proto.sh
#
# Needs protoc (Debian: protobuf-compiler), git and Swift. The plugin is built once, at the version of swift-protobuf that
# Package.resolved pins, in .build/protoc-gen-swift; the first run takes some minutes, later ones a second.
set -eu

case "${1:-}" in
-h | --help)
  sed -n '2,7s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
esac

cd "$(dirname "$0")/.."
scratch=.build/protoc-gen-swift
swift package resolve
swift build --configuration release --package-path .build/checkouts/swift-protobuf --scratch-path "$scratch" \
  --product protoc-gen-swift
plugin=$(swift build --configuration release --package-path .build/checkouts/swift-protobuf --scratch-path "$scratch" \
  --show-bin-path)/protoc-gen-swift

cd Sources/FoveaConvert/ONNX
# Visibility=Package: the tests build models in code.
protoc --plugin="$plugin" --swift_out=. --swift_opt=Visibility=Package onnx.proto
# The plugin marks a shared default as nonisolated(unsafe), but not its use, which strict memory safety asks for.
sed -i.bak 's/ = _StorageClass.defaultInstance$/ = unsafe _StorageClass.defaultInstance/' onnx.pb.swift
rm onnx.pb.swift.bak

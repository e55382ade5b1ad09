#!/bin/bash
# Kafka out of its jars, told by the variables that the maker's image takes: KAFKA_LOG_DIRS is log.dirs.
set -euo pipefail
settings=/tmp/server.properties
: > "$settings"
while IFS='=' read -r name value; do
  case "$name" in
    KAFKA_HEAP_OPTS) ;;
    KAFKA_*)
      key="${name#KAFKA_}"
      # As there: ___ is a dash, __ a line below, _ a dot.
      key="${key//___/-}"; key="${key//__/%}"; key="${key//_/.}"; key="${key//%/_}"
      echo "${key,,}=$value" >> "$settings" ;;
  esac
done < <(env)
java -cp "/opt/kafka/libs/*" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$settings"
exec java ${KAFKA_HEAP_OPTS:-} -Dlog4j2.configurationFile=/local/log4j2.properties -cp "/opt/kafka/libs/*" kafka.Kafka "$settings"

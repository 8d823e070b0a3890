package io.meridian.replicator;

import io.meridian.core.MeshLog;
import java.util.List;

final class NoTransport implements EventTransport {
    @Override
    public String name() {
        return "grpc";
    }

    @Override
    public void start(MeshLog log, Intake intake) {}

    @Override
    public List<TopicStatus> topics() {
        return List.of();
    }

    @Override
    public void close() {}
}

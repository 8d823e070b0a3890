package io.meridian.cli.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which processes of the demo were started and not yet ended on purpose, by name. Immutable.
 *
 * @param supervisor the command in the foreground that ends them; null if they run detached
 * @param examplesApplied whether the mesh has been given the example's resources; what a user changed afterwards is kept
 */
public record DemoState(@Nullable ProcessId supervisor, boolean examplesApplied, Map<String, Started> processes) {
    static final DemoState NONE = new DemoState(null, false, Map.of());

    /** @param log where its output goes */
    public record Started(ProcessId id, String log) {}

    public DemoState {
        processes = new LinkedHashMap<>(processes);
    }

    DemoState with(String name, Started started) {
        Map<String, Started> next = new LinkedHashMap<>(processes);
        next.put(name, started);
        return new DemoState(supervisor, examplesApplied, next);
    }

    DemoState without(String name) {
        Map<String, Started> next = new LinkedHashMap<>(processes);
        next.remove(name);
        return new DemoState(supervisor, examplesApplied, next);
    }

    DemoState supervisedBy(@Nullable ProcessId id) {
        return new DemoState(id, examplesApplied, processes);
    }

    DemoState examplesApplied(boolean applied) {
        return new DemoState(supervisor, applied, processes);
    }

    boolean isRunning(String name) {
        Started started = processes.get(name);
        return started != null && started.id().alive();
    }

    boolean anyRunning() {
        return processes.values().stream().anyMatch(started -> started.id().alive());
    }

    boolean supervised() {
        return supervisor != null && supervisor.alive();
    }
}

package io.meridian.benchmarks;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.IstioRules;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.Decider;
import io.meridian.model.mesh.Evolver;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Turn;
import io.meridian.model.mesh.Writer;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Folding a log from its bytes: what recovery from zero, time travel and a new replica cost beyond the disk. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@Fork(1)
public class ReplayBenchmark {
    private static final MeshId MESH = new MeshId("replayed");
    private static final RegionId REGION = new RegionId("eu-1", 1);
    private static final int OBJECTS = 500;

    @Param("100000")
    private int events;

    private List<byte[]> log = List.of();

    /** Writes the log through the write path itself. */
    @Setup
    public void write() {
        HomeTurn home = new HomeTurn(new Decider(new IstioRules()));
        Writer writer = new Writer(REGION, Epoch.NONE.next(REGION.index()), "bench", Instant.EPOCH);
        List<byte[]> bytes = new ArrayList<>(events);
        MeshState state = MeshState.empty(MESH);
        for (int i = 0; bytes.size() < events; i++) {
            MeshCommand command = i == 0
                    ? new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance())
                    : new MeshCommand.ApplyResources(List.of(put(i)));
            CommandRequest request = new CommandRequest(
                    MESH, "c-" + i, Actor.getDefaultInstance(), "", REGION.name(), Optional.empty(), false, command);
            if (!(home.take(state, request, writer) instanceof Turn.Commit commit)) {
                throw new IllegalStateException("command " + i + " was not accepted");
            }
            commit.envelopes().forEach(envelope -> bytes.add(envelope.toProto().toByteArray()));
            state = commit.next();
        }
        log = bytes;
    }

    private static MeshCommand.Put put(int i) {
        String host = "svc-" + i % OBJECTS;
        String spec = "{\"hosts\":[\"" + host + "\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"" + host
                + "\"}}],\"timeout\":\"" + (i % 60 + 1) + "s\"},{\"route\":[{\"destination\":{\"host\":\"" + host
                + "\"}}],\"name\":\"n"
                + i + "\"}]}";
        return new MeshCommand.Put(
                new ResourceKey("networking.istio.io", "VirtualService", "default", host),
                MeshCommand.Origin.UNKNOWN,
                "networking.istio.io/v1",
                Map.of(),
                Map.of(),
                ByteString.copyFromUtf8(spec),
                Optional.empty());
    }

    /** Parses, verifies the chain and folds. */
    @Benchmark
    public MeshState replay() throws Exception {
        MeshState state = MeshState.empty(MESH);
        for (byte[] bytes : log) {
            EventEnvelope envelope = EventEnvelope.parse(bytes);
            if (!envelope.computeHash().equals(envelope.hash())) {
                throw new IllegalStateException("the chain is broken at " + envelope.position());
            }
            state = Evolver.evolve(state, envelope);
        }
        return state;
    }
}

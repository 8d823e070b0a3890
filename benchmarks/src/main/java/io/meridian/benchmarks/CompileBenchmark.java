package io.meridian.benchmarks;

import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a change costs the compiler: one update and the views of a thousand proxies. {@code computations / edits} of the counters is how many
 * nodes of the graph a change recomputes. The way of a route is long: it takes some ten thousand edits to be compiled as well as it can be.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx2g", "-XX:+UseSerialGC"})
public class CompileBenchmark {
    private static final int PROXIES = 1000;
    /** So many that an edit finds nothing of what it was the last time. */
    private static final int VARIANTS = 500;

    private static final int EDITED = 0;

    /** What a namespace's proxies see. */
    public enum Visible {
        /** By a Sidecar resource of each namespace, their own namespace alone; a single namespace has none. */
        OWN,
        /** Everything, as without Sidecar resources. */
        ALL
    }

    @Param({"100", "1000", "10000"})
    private int services;

    /** Scope classes, which are namespaces; at most as many as proxies. */
    @Param({"1", "50", "1000"})
    private int classes;

    /** ALL is to be asked for: many classes that see many services take gigabytes. */
    @Param("OWN")
    private Visible visible = Visible.OWN;

    private CompiledMesh mesh = new CompiledMesh(1, 1, Visible.ALL);
    private IstioCompiler compiler = mesh.compiler();
    private final List<Proxy> proxies = new ArrayList<>();
    private final List<MeshImage.Step> routes = new ArrayList<>();
    private final List<MeshImage.Step> endpoints = new ArrayList<>();
    private final List<MeshImage.Step> rules = new ArrayList<>();
    private final List<MeshImage.Step> sidecars = new ArrayList<>();
    private int edit;

    /** Events of an iteration. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Counted {
        public long edits;
        public long computations;
    }

    @Setup
    public void compile() {
        mesh = new CompiledMesh(services, classes, visible);
        for (int i = 0; i < PROXIES; i++) {
            proxies.add(mesh.proxy(i));
        }
        fill(routes, version -> mesh.with(mesh.route(EDITED, version), version));
        fill(rules, version -> mesh.with(mesh.rule(EDITED, version), version));
        fill(sidecars, version -> mesh.with(mesh.sidecar(EDITED, version), version));
        fill(endpoints, version -> mesh.withEndpoint(EDITED, version));
        compiler = mesh.compiler();
        compiler.update(mesh.image(), ImageDelta.NONE);
        proxies.forEach(compiler::view);
    }

    private static void fill(List<MeshImage.Step> steps, IntFunction<MeshImage.Step> edit) {
        for (int version = 1; version <= VARIANTS; version++) {
            steps.add(edit.apply(version));
        }
    }

    private void change(List<MeshImage.Step> steps, Counted counted, Blackhole hole) {
        MeshImage.Step step = steps.get(edit++ % VARIANTS);
        long before = compiler.computations();
        compiler.update(step.image(), step.delta());
        for (Proxy proxy : proxies) {
            hole.consume(compiler.view(proxy));
        }
        counted.computations += compiler.computations() - before;
        counted.edits++;
    }

    @Benchmark
    public void oneRoute(Counted counted, Blackhole hole) {
        change(routes, counted, hole);
    }

    @Benchmark
    public void oneEndpoint(Counted counted, Blackhole hole) {
        change(endpoints, counted, hole);
    }

    @Benchmark
    public void oneRule(Counted counted, Blackhole hole) {
        change(rules, counted, hole);
    }

    /**
     * The Sidecar of one namespace, and so of a thousandth of the proxies up to all of them: turn about it shows the next namespace too. Where there
     * was none, it appears at first.
     */
    @Benchmark
    public void oneSidecar(Counted counted, Blackhole hole) {
        change(sidecars, counted, hole);
    }

    /** Nothing known, nothing shared yet. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @OutputTimeUnit(TimeUnit.MILLISECONDS)
    @Warmup(iterations = 2)
    @Measurement(iterations = 3)
    public void cold(Counted counted, Blackhole hole) {
        IstioCompiler fresh = mesh.compiler();
        fresh.update(mesh.image(), ImageDelta.NONE);
        for (Proxy proxy : proxies) {
            hole.consume(fresh.view(proxy));
        }
        counted.computations += fresh.computations();
        counted.edits++;
    }
}

package io.meridian.chaos.client;

import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.chaos.history.Field;
import io.meridian.chaos.history.History.Step;
import java.time.Duration;

/** Asks one region for its head of each mesh, one question at a time, and writes the answers down. */
public final class HeadSampler extends Loop {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(400);

    private final Context context;
    private final RegionClient region;

    public HeadSampler(Context context, RegionClient region) {
        super("heads-" + region.name());
        this.context = context;
        this.region = region;
    }

    @Override
    Duration step() {
        for (String name : context.meshes()) {
            try {
                Mesh mesh = region.mesh(name, DEADLINE);
                context.history()
                        .monitor(Step.INFO, "head")
                        .with(Field.REGION, region.name())
                        .with(Field.MESH, name)
                        .with(Field.POSITION, RegionClient.position(mesh.getPosition()))
                        .with(Field.HOME, mesh.getHomeRegion())
                        .with(Field.STATE_HASH, mesh.getStateHash())
                        .write();
            } catch (StatusRuntimeException e) {
                // It is down, paused or busy: nothing was seen.
                region.reconnect();
            }
        }
        return PAUSE;
    }
}

package io.meridian.cli.verb;

import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code meridian mesh set-durability}. */
@Command(
        name = "set-durability",
        description =
                "Says in how many regions a write is held before it is answered. A mesh never falls back by itself.",
        footer = {
            "",
            "meridian mesh set-durability sync:1 --mesh bookinfo --reason 'no write may be lost'",
            "meridian mesh set-durability local --mesh bookinfo --reason 'ap-1 is down, writes must go on'"
        })
final class MeshSetDurabilityVerb extends Verb {
    private static final Pattern SYNC = Pattern.compile("sync:(\\d{1,2})");

    @Parameters(paramLabel = "DURABILITY", description = "local: in the home alone; sync:K: also in K other regions.")
    String durability = "";

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    WriteOptionsMixin write = new WriteOptionsMixin();

    @Mixin
    OutputOptions output = new OutputOptions();

    MeshSetDurabilityVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        int wanted = parse(durability);
        write.requireReason();
        String meshName = session().mesh(mesh.mesh);
        MeshWriteResponse response = ReadModifyWrite.run(
                session(), meshName, write, (position, options) -> update(meshName, wanted, position, options));
        MeshVerb.printWrite(this, output, write, response, meshName, "is " + text(wanted) + " now");
        return ExitCode.DONE;
    }

    private static int parse(String text) {
        if (text.equalsIgnoreCase("local")) {
            return 0;
        }
        Matcher sync = SYNC.matcher(text);
        if (!sync.matches() || Integer.parseInt(sync.group(1)) == 0) {
            throw CliFailure.usage("DURABILITY: \"" + text + "\" is neither local nor sync:K with K from 1");
        }
        return Integer.parseInt(sync.group(1));
    }

    private MeshWriteResponse update(String meshName, int wanted, Position position, WriteOptions options) {
        GetMeshRequest get = GetMeshRequest.newBuilder()
                .setName(Names.mesh(meshName))
                .setMinPosition(position)
                .build();
        int current = session()
                .servers()
                .call(channel -> MeshServiceGrpc.newBlockingStub(channel).getMesh(get))
                .getSpec()
                .getDurability()
                .getSyncReplicas();
        if (wanted < current) {
            console().warning(degraded(current, wanted));
        }
        UpdateMeshRequest request = UpdateMeshRequest.newBuilder()
                .setName(Names.mesh(meshName))
                .setSpec(MeshSpec.newBuilder()
                        .setDurability(Durability.newBuilder().setSyncReplicas(wanted)))
                .addUpdateMask("durability.sync_replicas")
                .setOptions(options)
                .build();
        return write.call(
                session(), channel -> MeshServiceGrpc.newBlockingStub(channel).updateMesh(request));
    }

    private static String degraded(int current, int wanted) {
        return wanted == 0
                ? "from " + text(current)
                        + " to local: a write is answered when the home alone holds it; if the home is"
                        + " lost, what no other region had yet is lost to the mesh until the home is back"
                : "from " + text(current) + " to " + text(wanted)
                        + ": an answered write survives the loss of the home and " + (wanted - 1) + " more, instead of "
                        + (current - 1) + " more regions";
    }

    private static String text(int replicas) {
        return replicas == 0 ? "local" : "sync:" + replicas;
    }
}

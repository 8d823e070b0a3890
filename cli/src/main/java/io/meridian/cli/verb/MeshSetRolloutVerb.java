package io.meridian.cli.verb;

import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.MeshWriteResponse;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian mesh set-rollout}. */
@Command(
        name = "set-rollout",
        description = {
            "Says which share of the proxies, the canaries, gets a change of configuration before the others,",
            "and at which share of refusals among them a resource's roll-out halts. Off unless told."
        },
        footer = {
            "",
            "meridian mesh set-rollout --mesh bookinfo --canaries 5%% --halt-at 20%% --reason 'no change to all at once'",
            "meridian mesh set-rollout --mesh bookinfo --canaries 0%% --reason 'all at once again; also what was halted'"
        })
final class MeshSetRolloutVerb extends Verb {
    private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)%");
    private static final double ALL = 100;

    @Option(
            names = "--canaries",
            required = true,
            paramLabel = "PERCENT",
            description = "Share of the proxies, chosen by their node ids; one at each gateway at least. 0%%: off.")
    String canaries = "";

    @Option(
            names = "--halt-at",
            paramLabel = "PERCENT",
            description =
                    "Share of the canaries that were sent a resource; if so many refuse it, no other proxy gets it. 20%% if not given.")
    @Nullable
    String haltAt;

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    WriteOptionsMixin write = new WriteOptionsMixin();

    @Mixin
    OutputOptions output = new OutputOptions();

    MeshSetRolloutVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        double share = parse("--canaries", canaries);
        String halt = haltAt;
        double haltShare = halt == null ? 0 : parse("--halt-at", halt);
        if (halt != null && haltShare == 0) {
            throw CliFailure.usage("--halt-at: \"" + halt + "\" would halt what nobody refuses; more than 0% is meant");
        }
        write.requireReason();
        String meshName = session().mesh(mesh.mesh);
        MeshSpec.Rollout rollout = MeshSpec.Rollout.newBuilder()
                .setCanaryPercent(share)
                .setHaltPercent(haltShare)
                .build();
        UpdateMeshRequest request = UpdateMeshRequest.newBuilder()
                .setName(Names.mesh(meshName))
                .setSpec(MeshSpec.newBuilder().setRollout(rollout))
                .addUpdateMask("rollout")
                .setOptions(write.toProto(session(), meshName))
                .build();
        MeshWriteResponse response = write.call(
                session(), channel -> MeshServiceGrpc.newBlockingStub(channel).updateMesh(request));
        MeshVerb.printWrite(
                this,
                output,
                write,
                response,
                meshName,
                share == 0 ? "gives changes to all proxies at once now" : "gives changes to canaries first now");
        return ExitCode.DONE;
    }

    private static double parse(String option, String text) {
        var percent = PERCENT.matcher(text);
        double share = percent.matches() ? Double.parseDouble(percent.group(1)) : Double.NaN;
        if (!(share >= 0 && share <= ALL)) {
            throw CliFailure.usage(option + ": \"" + text + "\" is not a share of 0% to 100%, as 5% or 0.5%");
        }
        return share;
    }

    /** "off", or "5%, halt at 20%". */
    static String text(MeshSpec.Rollout rollout) {
        return rollout.getCanaryPercent() == 0
                ? "off"
                : percent(rollout.getCanaryPercent()) + ", halt at " + percent(rollout.getHaltPercent());
    }

    private static String percent(double share) {
        return BigDecimal.valueOf(share).stripTrailingZeros().toPlainString() + "%";
    }
}

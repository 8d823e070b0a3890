package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.events.v1.Member;
import io.meridian.api.type.v1.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A region is lost for good and another takes its place, as processes. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ReplacementIT {
    private static final String MESH = "bookinfo";
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WRITE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void aLostRegionIsReplacedAndTheNewOneIsPartOfTheMajorityOfTheNextFailover() throws Exception {
        try (Regions regions = Regions.start(folder, "us-2")) {
            AdminApi home = regions.api("eu-1");
            home.createMesh(MESH, "eu-1", 1);
            Map<String, Position> acknowledged = new HashMap<>();
            acknowledged.put("before", home.write(MESH, "before", WRITE).getPosition());
            assertThat(home.roles(MESH))
                    .isEqualTo(Map.of("eu-1", "HOME", "us-1", "REPLICA", "ap-1", "REPLICA", "us-2", "NONE"));
            assertThat(refusal(() -> home.failover(MESH, "us-2", false, WRITE))).contains("us-2");
            assertThat(refusal(() -> home.leave(MESH, "eu-1", WRITE))).contains("hand the home over first");

            regions.kill("us-1");
            Await.until(
                    "eu-1 notices",
                    SOON,
                    () -> home.planMembers(MESH, "us-2", "us-1")
                            .getReachableAfterList()
                            .equals(List.of("eu-1", "ap-1", "us-2")));
            MembersPlan plan = home.planMembers(MESH, "us-2", "us-1");
            assertThat(names(plan.getMembersList())).containsExactly("eu-1", "us-1", "ap-1");
            assertThat(names(plan.getMembersAfterList())).containsExactly("eu-1", "ap-1", "us-2");
            assertThat(plan.getMajorityAfter()).isEqualTo(2);
            assertThat(plan.getUnreachableAfterList()).isEmpty();
            assertThat(plan.getObstaclesList()).isEmpty();
            assertThat(home.planMembers(MESH, "", "eu-1").getObstaclesList())
                    .singleElement()
                    .asString()
                    .contains("region eu-1 is the home of mesh bookinfo");
            ReplaceRegionResponse replaced = home.replace(MESH, "us-1", "us-2", SOON);

            assertThat(replaced.getLeft().getPosition().getSeq())
                    .isEqualTo(replaced.getJoined().getPosition().getSeq() + 1);
            assertThat(home.roles(MESH))
                    .isEqualTo(Map.of("eu-1", "HOME", "us-1", "NONE", "ap-1", "REPLICA", "us-2", "REPLICA"));
            acknowledged.put("between", home.write(MESH, "between", WRITE).getPosition());
            Await.until(
                    "the new region holds everything",
                    SOON,
                    () -> regions.api("us-2").head(MESH).equals(home.head(MESH)));

            regions.kill("eu-1");
            AdminApi last = regions.api("ap-1");
            MoveHomeReport[] report = new MoveHomeReport[1];
            Await.until("ap-1 takes over", SOON, () -> {
                report[0] = last.failover(MESH, "ap-1", false, WRITE);
                return true;
            });

            // Of eu-1, us-1 and ap-1, the members of before, ap-1 alone is there: the majority is one of eu-1, ap-1 and
            // us-2.
            assertThat(report[0].getTakeover().getPromisedByList()).containsExactly("ap-1", "us-2");
            assertThat(report[0].getTakeover().getUnheardList()).containsExactly("eu-1");
            assertThat(report[0].getTakeover().getWithoutMajority()).isFalse();
            acknowledged.put("after", last.write(MESH, "after", WRITE).getPosition());

            // Back from the dead, it learns that it is a member no more: it follows until it has read so, votes for
            // nobody, and takes writes for others.
            regions.start("us-1");
            AdminApi returned = regions.api("us-1");
            Await.until(
                    "the lost region reads that it left",
                    SOON,
                    () -> "NONE".equals(returned.roles(MESH).get("us-1")));
            assertThat(refusal(() -> returned.failover(MESH, "us-1", true, WRITE)))
                    .contains("no member");
            acknowledged.put("through", returned.write(MESH, "through", WRITE).getPosition());
            for (String region : List.of("ap-1", "us-2")) {
                Await.until(
                        region + " holds everything",
                        SOON,
                        () -> LogCheck.verified(region, regions.api(region).log(MESH))
                                .has("through"));
                LogCheck.verified(region, regions.api(region).log(MESH)).holds(acknowledged);
            }
            int[] number = {0};
            Await.until("the lost region follows no more", SOON, () -> {
                String id = "more-" + number[0]++;
                long written = last.write(MESH, id, WRITE).getPosition().getSeq();
                Await.until(
                        "us-2 holds " + id,
                        SOON,
                        () -> regions.api("us-2").head(MESH).getSeq() >= written);
                return returned.head(MESH).getSeq() < written;
            });
        }
    }

    private static List<String> names(List<Member> members) {
        return members.stream().map(Member::getName).toList();
    }

    private static String refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        return String.valueOf(refused.getStatus().getDescription());
    }
}

package io.meridian.compiler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.meridian.compiler.internal.graph.Query;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/** The compiler is pure, and its queries know nothing but their key and their view. */
@AnalyzeClasses(packages = "io.meridian.compiler", importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {

    @ArchTest
    static final ArchRule nothingOpensFilesOrSockets = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net..", "java.nio.file..", "java.nio.channels..", "io.grpc..", "org.apache.pekko..");

    @ArchTest
    static final ArchRule nothingHasThreadsOfItsOwn = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, ExecutorService.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent.locks..", "java.util.concurrent.atomic..");

    @ArchTest
    static final ArchRule nothingReadsTheClockOrRollsDice = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class, Random.class)
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(UUID.class, "randomUUID");

    @ArchTest
    static final ArchRule queriesAreRecordsSoThatTheirComponentsAreTheirKey =
            classes().that().implement(Query.class).should().beRecords();

    @ArchTest
    static final ArchRule translationsKnowNoGraph = noClasses()
            .that()
            .resideInAPackage("io.meridian.compiler.translate")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.meridian.compiler.internal..");

    @ArchTest
    static final ArchRule theGraphKnowsNoMeshes = noClasses()
            .that()
            .resideInAPackage("io.meridian.compiler.internal.graph")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.meridian.model.istio..",
                    "io.meridian.model.image..",
                    "io.meridian.api..",
                    "io.meridian.compiler.translate..");

    @ArchTest
    static final ArchRule onlyTheCompilerAndTheFeedSeeImages = noClasses()
            .that()
            .resideOutsideOfPackages("io.meridian.compiler", "io.meridian.compiler.internal.input")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.meridian.model.image..", "io.meridian.model.mesh..");
}

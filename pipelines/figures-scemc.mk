# The tables and figures of the paper of scEMC that show the effect of its parts. Each is a goal
# that makes a table and a picture.
#
#   make -j 2 -f pipelines/figures-scemc.mk DATA=cite.h5mu LABELS=cell_type CLUSTERS=16 \
#     SEEDS="0 1 2"
#
#   network     Tables 4 and 5: without the skip connection, without the aggregation
#   losses      Tables 4 and 5: without the reconstruction, without the clustering losses
#   modality    Figures 2 and 3: with the second modality and without
#   tsne        Figure 4: t-SNE of the codes of the five variants
#   training    Figure 5: the losses over the epochs
#   weights     Figures 6 and 7: figures over λ1 (reconstruction) and λ2 (clustering losses), as a
#               surface
#
# make OUT/GOAL.tsv and OUT/GOAL.png (PICTURE=svg or pdf). Without a goal all are made. A figure is
# made again only if its input or settings change, so that an interrupted run continues where it
# ended. PRESET=paper is the published schedule. Further settings: figures.mk.

.DEFAULT_GOAL := all
MODEL := scemc
# The published weights. Without a minus sign: 0.001, not 1e-3.
WEIGHTS ?= 0.01 0.1 1 10 100
own_settings = $(WEIGHTS)

include $(dir $(lastword $(MAKEFILE_LIST)))figures.mk
$(call require_list,WEIGHTS,$(number),numbers between blanks: WEIGHTS="0.1 1 10")
$(if $(word 2,$(WEIGHTS)),,$(call complain,WEIGHTS,a surface needs two values or more))

.PHONY: all
all: network losses modality tsne training weights

# The RNA alone, over a graph of its own.
$(OUT)/graph-rna.safetensors: $(OUT)/graph.settings
	$(preprocess) | $(call program,knn) --modalities rna $(KNN) -o $@

$(eval $(call model_rule,full,graph))
$(eval $(call model_rule,no-skip,graph,--no-skip))
$(eval $(call model_rule,no-aggregation,graph,--no-aggregation))
$(eval $(call model_rule,rna-only,graph-rna,--rna-only))
$(foreach name,full no-skip no-aggregation rna-only,$(eval $(call run_rule,$(name),$(name))))
# This leaves out the losses of the training with clusters; it begins with the full model.
$(eval $(call run_rule,no-reconstruction,full,--no-reconstruction))
# Nothing is trained then, and what shapes a training is refused.
$(OUT)/seed%/no-cluster-loss.safetensors: $(OUT)/seed%/full.model.safetensors $(OUT)/clustered.settings
	$(cluster) --no-cluster-loss -o $@

$(eval $(call figure_rule,network,full no-skip no-aggregation,scores))
$(eval $(call figure_rule,losses,full no-reconstruction no-cluster-loss,scores))
$(eval $(call figure_rule,modality,full rna-only,scores))

# One seed has one picture.
five := full no-skip no-aggregation no-reconstruction no-cluster-loss
$(eval $(call table_rule,tsne))
$(OUT)/tsne.tsv $(OUT)/tsne.$(PICTURE) &: $(foreach name,$(five),$(call first_run,$(name))) $(OUT)/figure.settings
	$(call program,eval) --compare $(filter %.safetensors,$^) $(labels) $(EVAL) --plot $(OUT)/tsne.$(PICTURE) --figures layout -o $(OUT)/tsne.tsv

# The table has a line an epoch and term.
$(eval $(call table_rule,training))
$(OUT)/training.tsv $(OUT)/training.$(PICTURE) &: $(call first_run,full) $(OUT)/figure.settings
	$(call program,eval) $< $(labels) $(EVAL) --plot $(OUT)/training.$(PICTURE) --figures losses --curves $(OUT)/training.tsv -o $(OUT)/training.figures.tsv

# One pair: OUT/seed0/weights-0.01-100.safetensors is λ1 = 0.01, λ2 = 100.
pairs := $(foreach first,$(WEIGHTS),$(foreach second,$(WEIGHTS),weights-$(first)-$(second)))
$(foreach pair,$(pairs),$(eval $(call run_rule,$(pair),full,--lambda-reconstruction $(word 2,$(subst -, ,$(pair))) --lambda-cluster $(word 3,$(subst -, ,$(pair))))))
$(eval $(call figure_rule,weights,$(pairs),grid))
